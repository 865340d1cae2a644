"""Pages for people: applicants, officers and those who oversee them."""
