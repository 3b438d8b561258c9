from django.conf import settings
from django.db import models


class Identity(models.Model):
    """The Django user of a user who registered with Gatelodge. Imported users need no row: their token has the old id."""

    gatelodge_id = models.CharField(max_length=64, primary_key=True)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
