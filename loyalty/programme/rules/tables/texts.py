"""What the cells of rule tables say."""

from collections.abc import Mapping

SITUATION_TEXTS: Mapping[str, str] = {
    "free_1": "1 year without a claim",
    "free_2": "2 years without a claim",
    "free_3": "3 years or more without a claim",
    "one_claim": "one accident at fault, nobody killed",
    "several_claims": "two or more accidents at fault",
    "fatal": "an accident at fault in which somebody was killed",
}
SEAT_TEXTS: Mapping[str, str] = {
    "family_under_6": "family car with fewer than 6 seats",
    "family_6_up": "family car with 6 seats or more",
}
FAULT_TEXTS: Mapping[str, str] = {"at_fault": "at fault", "not_at_fault": "not at fault"}
LIMIT_TEXTS: Mapping[str, str] = {
    "total": "in total",
    "death": "death and disability",
    "medical": "medical costs",
    "property": "property",
}
LEVEL_RULE_TEXTS: Mapping[str, str] = {
    "first_year": "Level in the first year",
    "lowest": "Lowest level",
    "lowest_years": "Consecutive insured years without a claim that give the lowest level",
    "claim_years": "Years whose claims are counted",
    "insured_years_most": "Most consecutive insured years that are taken off",
    "highest": "Highest level",
}
BAND_TEXTS: Mapping[str, str] = {
    "free_years": "years without a claim",
    "claims": "claims in the last year",
    "new": "new policy",
}
CIRCUMSTANCE_TEXTS: Mapping[str, str] = {
    "transfer": "the vehicle changed its owner",
    "endorsed_transfer": "the last policy was passed on by endorsement",
    "lapse_long": "lapsed for more than 6 months",
    "no_prior": "no policy before",
    "lapse_short": "lapsed for more than 3 and at most 6 months",
    "short_period": "a policy of a short period, now or before",
    "new_car": "a new car",
}
EFFECT_TEXTS: Mapping[str, str] = {"no_float": "nothing is raised or reduced", "no_reduction": "nothing is reduced"}
STEP_TEXTS: Mapping[str, str] = {
    "owner_tells": "The owner tells the insurer",
    "theft_police": "A theft is reported to the police",
    "theft_total": "A stolen car that is not found counts as lost",
    "finding": "Finding of the police",
    "finding_hit_run": "Finding of the police after a hit and run",
    "finding_expert": "Finding of the police after an expert’s result",
    "finding_delivery": "The finding is delivered",
    "finding_review": "The owner asks for a review of the finding",
    "mediation": "All sides ask the police to mediate",
    "decision": "The insurer decides a complex claim",
    "payment": "The insurer pays after the agreement",
    "refusal": "The insurer refuses in writing, with reasons",
    "certain_part": "The insurer pays the part that is certain",
    "limitation": "Limitation of the claim",
    "compulsory_papers": "Compulsory cover: written list of papers",
    "compulsory_decision": "Compulsory cover: decision",
    "compulsory_payment": "Compulsory cover: payment",
}
DURATION_TEXTS: Mapping[str, str] = {
    "hours": "hours",
    "days": "calendar days",
    "working_days": "working days",
    "years": "years",
}
WAY_TEXTS: Mapping[str, str] = {"mark": "mark only", "on_site": "on site", "not_said": "not said"}
RIGHT_TEXTS: Mapping[str, str] = {
    "validity": "Three guarantees are valid for",
    "repair": "Free repair for at least",
    "main_part": "Swap or return: a main part of engine, gearbox, battery or motor must be replaced within",
    "assembly": "A new assembly: fault of its main part within",
    "safety": "Swap or return: brakes, steering, body crack, fuel leak or battery fire within",
    "safety_repairs": "Swap or return: a serious safety fault not cured by so many repairs",
    "assembly_times": "Swap or return: an assembly replaced so many times",
    "part_times": "Swap or return: the same main part replaced so many times",
    "repair_days": "Swap or return: more repair days in all than",
    "same_problem": "Swap or return: more repairs of the same problem than",
    "loaner": "A car or travel money when one repair takes longer than",
    "use_fee": "Fee for use at a swap or return: for each 1,000 km at most this share of the price",
    "answer": "Answer to a complaint, in working days",
    "finish": "End of a complaint, in working days",
    "records": "Repair records are kept for",
}
TRANSFER_TEXTS: Mapping[str, str] = {
    "least": "Least amount",
    "real_name": "Real name needed from",
    "user_day": "Most for one person a day",
    "merchant_day": "Most for the merchant a day, unless agreed otherwise",
    "confirm": "The recipient confirms within",
}
TAX_TEXTS: Mapping[str, str] = {"prize": "Prize-like income: withheld by who pays"}
PAPER_TEXTS: Mapping[str, str] = {
    "policy": "Policy number or policy, claim form",
    "owner": "Owner’s ID and bank account",
    "licences": "Vehicle licence, driver licence of the driver",
    "repair": "Photos of the scene, loss list, repair invoice with parts",
    "finding": "Police finding or self-settlement agreement",
    "other_side": "The other side’s licence, ID, policy, damage sheet, proof of payment",
    "medical": "Medical records and bills, disability rating, proof of income and dependants, death papers",
    "settlement": "Settlement, paper of the mediation, or judgment",
    "compulsory": "Proof of what compulsory cover paid",
    "theft": "Police filing of the theft, registration certificate, proof of purchase, all keys",
    "weather": "Proof of the weather or the disaster",
    "fire": "Finding of the fire brigade",
}
NEED_TEXTS: Mapping[str, str] = {
    "must": "must",
    "may": "if it applies",
    "some": "some must, some if they apply",
    "no": "no",
}
