"""The platform `static`: a list of existing machines."""
