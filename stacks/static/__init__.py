"""The platform `static`: a list of machines that exist already."""
