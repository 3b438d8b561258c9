"""The pages of the service: who asks, and the tasks of the user who asks."""

from django.contrib.auth import get_user_model
from django.http import HttpResponse, JsonResponse
from django.urls import path
from tasks.models import Task


def whoami(request):
    if not request.user.is_authenticated:
        return JsonResponse({})
    claims = request.identity
    return JsonResponse({"id": claims["sub"], "name": claims["preferred_username"], "row": request.user.pk})


async def tasks(request):
    user = await request.auser()
    if not user.is_authenticated:
        return HttpResponse(status=401)
    return JsonResponse({"titles": [task.title async for task in Task.objects.filter(owner=user)]})


def count(request):
    return JsonResponse({"users": get_user_model().objects.count()})


urlpatterns = [path("whoami", whoami), path("tasks", tasks), path("count", count)]
