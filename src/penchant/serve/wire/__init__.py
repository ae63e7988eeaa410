"""What travels over HTTP: requests and answers with their descriptions and examples, one file a resource."""
