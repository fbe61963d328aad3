"""After-sales relationships of a car dealer group: members, points, tiers, and all that follows a sale."""
