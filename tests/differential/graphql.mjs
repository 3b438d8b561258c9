// graphql-js, for tests outside this folder: all must use one copy of it.
export * from "graphql";
