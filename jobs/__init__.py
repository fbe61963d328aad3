"""Work that runs behind the product: what is due, when it is looked for, and who carries it out."""
