"""The building blocks of the zoo: layers that cannot see the future,
each with what its cached step needs."""
