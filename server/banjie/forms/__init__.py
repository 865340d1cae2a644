"""Forms: form-js files read strictly, submissions judged by them, and plain views for pages to draw."""
