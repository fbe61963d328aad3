"""Who reacts to what happens, and what is asked ahead for it: all that goes from a feature up to those above it."""

from collections.abc import Callable, Mapping, Sequence

from loyalty.appointments import reactions as appointments_reactions
from loyalty.appointments.events import AppointmentMissed
from loyalty.customers.events import (
    AddressReindexed,
    CustomerClosed,
    CustomerErased,
    CustomersMerged,
    CustomersParted,
    MileageRead,
    OwnerChanged,
)
from loyalty.earning import reactions as earning_reactions
from loyalty.kernel import events
from loyalty.kernel.effects import Effect
from loyalty.links import reactions as links_reactions
from loyalty.membership import reactions as membership_reactions
from loyalty.messaging import reactions as messaging_reactions
from loyalty.messaging.events import MessageEnded, OptedOut, ReplyArrived, ReplyHandled
from loyalty.owners import reactions as owners_reactions
from loyalty.points import queries as points_queries
from loyalty.points import reactions as points_reactions
from loyalty.programme import queries as programme_queries
from loyalty.sales import reactions as sales_reactions
from loyalty.sales.events import DeliveryCorrected, SaleCorrected, SaleRecorded, SaleRefunded, VehicleDelivered
from loyalty.staff.events import WorkEnded
from loyalty.tasks import reactions as tasks_reactions
from loyalty.tasks.events import TaskConcluded, TaskReopened
from loyalty.tiers import queries as tiers_queries
from loyalty.tiers import reactions as tiers_reactions
from loyalty.tiers.events import LevelReached
from loyalty.visits import reactions as visits_reactions

# What the reactions to sales will ask about the buyers. It travels with the sale itself; and so standings are locked
# before accounts of points, in the order in which a review locks them.
_BUYERS: Sequence[events.Foresight] = (
    tiers_queries.ask_standings,
    points_queries.ask_earners,
    programme_queries.ask_timetable,
)
FORESIGHT: Mapping[type, Sequence[events.Foresight]] = {
    SaleRecorded: _BUYERS,
    SaleCorrected: _BUYERS,
    SaleRefunded: (tiers_queries.ask_standings,),
    VehicleDelivered: (tiers_queries.ask_standings,),
}

# Who reacts to what, in the order in which they run: members first, then points, then tiers.
REACTIONS: Mapping[type, Sequence[Callable[..., list[Effect]]]] = {
    SaleRecorded: (
        membership_reactions.enrol_buyers,
        earning_reactions.award_points,
        tiers_reactions.count_sales,
        visits_reactions.note_services,
    ),
    SaleCorrected: (
        membership_reactions.enrol_corrected_buyers,
        earning_reactions.correct_points,
        tiers_reactions.count_corrections,
        visits_reactions.replan_corrected,
    ),
    SaleRefunded: (earning_reactions.take_back_points, tiers_reactions.count_refunds, visits_reactions.end_refunded),
    VehicleDelivered: (
        earning_reactions.award_deliveries,
        tiers_reactions.note_deliveries,
        visits_reactions.note_deliveries,
    ),
    DeliveryCorrected: (
        earning_reactions.correct_deliveries,
        tiers_reactions.correct_deliveries,
        visits_reactions.replan_deliveries,
    ),
    LevelReached: (membership_reactions.tell_of_rises,),
    OwnerChanged: (appointments_reactions.cancel_sold, visits_reactions.stop_sold),
    MileageRead: (visits_reactions.replan_read,),
    AppointmentMissed: (tasks_reactions.call_missed,),
    TaskConcluded: (visits_reactions.settle, tasks_reactions.answer_replies),
    TaskReopened: (visits_reactions.unsettle,),
    MessageEnded: (visits_reactions.settle_messages, messaging_reactions.publish_ends),
    ReplyArrived: (messaging_reactions.publish_replies, tasks_reactions.open_replies),
    ReplyHandled: (tasks_reactions.end_replies,),
    OptedOut: (messaging_reactions.publish_opt_outs,),
    CustomersMerged: (
        membership_reactions.check_merges,
        sales_reactions.carry_sales,
        appointments_reactions.carry_appointments,
        tasks_reactions.carry_tasks,
        visits_reactions.carry_plans,
        earning_reactions.carry_lines,
        points_reactions.carry_points,
        tiers_reactions.merge_levels,
        membership_reactions.merge_members,
        owners_reactions.end_gone_sessions,
    ),
    CustomersParted: (
        sales_reactions.return_sales,
        appointments_reactions.return_appointments,
        tasks_reactions.return_tasks,
        visits_reactions.return_plans,
        earning_reactions.return_lines,
        points_reactions.return_points,
        membership_reactions.part_members,
        tiers_reactions.part_levels,
    ),
    CustomerClosed: (
        messaging_reactions.cancel_messages,
        points_reactions.end_points,
        membership_reactions.close_members,
        appointments_reactions.end_closed,
        visits_reactions.end_closed,
        tasks_reactions.end_closed,
        owners_reactions.end_closed_sessions,
    ),
    CustomerErased: (
        points_reactions.check_erasures,
        points_reactions.forget_remarks,
        membership_reactions.forget_members,
        sales_reactions.forget_people,
        links_reactions.forget_people,
        appointments_reactions.forget_people,
        visits_reactions.forget_people,
        tasks_reactions.forget_people,
        messaging_reactions.forget_messages,
        tiers_reactions.forget_reasons,
        owners_reactions.end_sessions,
    ),
    AddressReindexed: (messaging_reactions.follow_addresses,),
    WorkEnded: (tasks_reactions.share_out_left,),
}
