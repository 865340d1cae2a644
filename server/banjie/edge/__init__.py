"""What the pages and the API share: who is it, may the request pass, and how an error is answered."""
