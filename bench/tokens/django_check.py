"""Django's check_token on one thread: prints what one call costs, in microseconds."""

import json
import sys
import time

from django.conf import settings

settings.configure(SECRET_KEY="a secret of the bench: 0123456789 abcdefghijklmnopqrstuv", PASSWORD_RESET_TIMEOUT=259200)

import django
from django.contrib.auth.tokens import PasswordResetTokenGenerator


class User:
    pk = 123456
    password = "pbkdf2_sha256$600000$saltsaltsaltsa$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g="
    last_login = None
    email = "ada@example.com"

    @staticmethod
    def get_email_field_name():
        return "email"


def cost(call, seconds):
    count, begin, before = 0, time.perf_counter(), time.process_time()
    while time.process_time() - before < seconds:
        for _ in range(100):
            call()
        count += 100
    return {
        "cpu": (time.process_time() - before) * 1e6 / count,
        "wall": (time.perf_counter() - begin) * 1e6 / count,
    }


generator, user, seconds = PasswordResetTokenGenerator(), User(), float(sys.argv[1])
token = generator.make_token(user)
assert generator.check_token(user, token)
cost(lambda: generator.check_token(user, token), seconds / 4)
answer = {
    "version": f"Django {django.get_version()} on Python {sys.version.split()[0]}",
    "check": cost(lambda: generator.check_token(user, token), seconds),
}
print(json.dumps(answer))
