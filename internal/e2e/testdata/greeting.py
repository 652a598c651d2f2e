"""A module that a program brings along."""


def greet():
    return "hello"
