"""The tests, a folder for each feature; what they share stands in fixtures/ and make.py."""
