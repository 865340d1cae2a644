"""What tests share: the cast, factories, and the machines they run against."""
