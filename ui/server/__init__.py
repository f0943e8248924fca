"""What surrounds the page: refusals of requests, the life of files, agents, and the GPU of a Space."""
