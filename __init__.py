"""DCC Customer Analytics Reporting (SEC modification MP176): events in, packs out."""
