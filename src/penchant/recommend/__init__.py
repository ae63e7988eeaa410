"""From the model to an answer: candidates, exact scores, requests, policy, diversity, exploration, explanations."""
