"""Takes containers that run into the states of their stacks, if the states do not have them."""
