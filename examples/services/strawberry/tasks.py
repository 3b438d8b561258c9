"""A Strawberry service behind the gateway's one endpoint, which adds tasks to the gateway's User."""

from typing import Annotated

import strawberry
from fastapi import Depends, FastAPI
from service import User as SignedIn, signed_in
from strawberry.fastapi import BaseContext, GraphQLRouter

tasks_of = {}


@strawberry.type
class Task:
    title: str


@strawberry.federation.type(keys=["id"])
class User:
    id: strawberry.ID

    @strawberry.field
    def tasks(self) -> list[Task] | None:
        return tasks_of.get(self.id, [])

    # Only the signed-in user has tasks here. Any other id is answered with null.
    @classmethod
    def resolve_reference(cls, info: strawberry.Info, id: strawberry.ID):
        return cls(id=id) if id == info.context.user.id else None


@strawberry.type
class Viewer:
    id: strawberry.ID
    name: str


@strawberry.type
class Query:
    @strawberry.field
    def tasks(self, info: strawberry.Info) -> list[Task] | None:
        return tasks_of.get(info.context.user.id, [])

    @strawberry.field
    def viewer(self, info: strawberry.Info) -> Viewer:
        return Viewer(id=info.context.user.id, name=info.context.user.name)


@strawberry.type
class Mutation:
    @strawberry.mutation
    def add_task(self, info: strawberry.Info, title: str) -> Task:
        task = Task(title=title)
        tasks_of.setdefault(info.context.user.id, []).append(task)
        return task


class Context(BaseContext):
    # `signed_in` refuses a request without a valid token, before its operation is read.
    def __init__(self, user: Annotated[SignedIn, Depends(signed_in)]):
        super().__init__()
        self.user = user


schema = strawberry.federation.Schema(query=Query, mutation=Mutation, types=[User])
app = FastAPI()
app.include_router(GraphQLRouter(schema, context_getter=Context, graphql_ide=None), prefix="/graphql")
