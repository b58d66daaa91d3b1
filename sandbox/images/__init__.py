"""The images that the sandbox's registry serves under their Docker Hub names; a folder for each kind."""
