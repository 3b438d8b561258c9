"""Fills the database of the service as it was before the import: users with their tasks.

    DJANGO_SETTINGS_MODULE=settings_before python old_service.py
"""

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from tasks.models import Task  # noqa: E402

users = get_user_model().objects
for name, password in [("zoe", "an older user's words"), ("ada", "a long walk by the river"), ("eve", "an evening by the fire")]:
    user = users.create_user(name, password=password)
    Task.objects.create(owner=user, title=f"task of {name}")
