"""Whether the service works, for load balancers and for whoever is woken at night."""
