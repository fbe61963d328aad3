"""After-sales loyalty for car dealers. Import what you need from its features; this file stays empty."""
