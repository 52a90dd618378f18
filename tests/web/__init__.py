"""The doors on the web, asked by HTTP: what each person sees, and what is refused."""
