"""Commands: what they say."""
