/* eslint-disable */
import * as types from './graphql';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query Home {\n    me { username createdAt ...TaskList }\n    session { id expiresAt }\n  }\n": typeof types.HomeDocument,
    "\n  subscription TasksChanged {\n    tasksChanged\n  }\n": typeof types.TasksChangedDocument,
    "\n  mutation Login($input: LoginInput!) {\n    login(input: $input) {\n      user { id }\n      userErrors { code message field retryAfter }\n    }\n  }\n": typeof types.LoginDocument,
    "\n  mutation Logout {\n    logout { loggedOut }\n  }\n": typeof types.LogoutDocument,
    "\n  mutation Register($input: RegisterInput!) {\n    register(input: $input) {\n      user { id }\n      userErrors { code message field retryAfter }\n    }\n  }\n": typeof types.RegisterDocument,
    "\n  fragment Account on User {\n    id\n    username\n    sessions(first: 20) {\n      nodes { id deviceName clientAddress lastSeenAt current }\n      pageInfo { hasNextPage }\n    }\n    securityEvents(first: 10) {\n      nodes { id kind createdAt clientAddress }\n    }\n  }\n": typeof types.AccountFragmentDoc,
    "\n  query Account {\n    me { ...Account }\n  }\n": typeof types.AccountDocument,
    "\n  mutation ChangePassword($input: ChangePasswordInput!) {\n    changePassword(input: $input) {\n      user { ...Account }\n      userErrors { code message field retryAfter }\n    }\n  }\n": typeof types.ChangePasswordDocument,
    "\n  mutation ChangeUsername($input: ChangeUsernameInput!) {\n    changeUsername(input: $input) {\n      user { ...Account }\n      userErrors { code message field retryAfter }\n    }\n  }\n": typeof types.ChangeUsernameDocument,
    "\n  mutation DeleteUser($input: DeleteUserInput!) {\n    deleteUser(input: $input) {\n      deletedUserId\n      userErrors { code message field retryAfter }\n    }\n  }\n": typeof types.DeleteUserDocument,
    "\n  mutation Reauthenticate($input: ReauthenticateInput!) {\n    reauthenticate(input: $input) {\n      session { id authenticatedAt }\n      userErrors { code message field retryAfter }\n    }\n  }\n": typeof types.ReauthenticateDocument,
    "\n  mutation RevokeSession($input: RevokeSessionInput!) {\n    revokeSession(input: $input) {\n      user { ...Account }\n      userErrors { code message field retryAfter }\n    }\n  }\n": typeof types.RevokeSessionDocument,
    "\n  mutation RevokeOtherSessions {\n    revokeOtherSessions {\n      user { ...Account }\n      userErrors { code message field retryAfter }\n    }\n  }\n": typeof types.RevokeOtherSessionsDocument,
    "\n  query Rules {\n    authSettings { passwordMinLength passwordMaxLength }\n  }\n": typeof types.RulesDocument,
    "\n  query Me {\n    me { id username createdAt }\n    session { id expiresAt }\n  }\n": typeof types.MeDocument,
    "\n  fragment TaskList on User {\n    id\n    tasks { id title done }\n  }\n": typeof types.TaskListFragmentDoc,
    "\n  mutation AddTask($input: AddTaskInput!) {\n    addTask(input: $input) {\n      user { ...TaskList }\n      userErrors { code message field }\n    }\n  }\n": typeof types.AddTaskDocument,
    "\n  mutation SetTaskDone($input: SetTaskDoneInput!) {\n    setTaskDone(input: $input) {\n      task { id done }\n      userErrors { code message field }\n    }\n  }\n": typeof types.SetTaskDoneDocument,
    "\n  mutation DeleteTask($input: DeleteTaskInput!) {\n    deleteTask(input: $input) {\n      user { ...TaskList }\n      userErrors { code message field }\n    }\n  }\n": typeof types.DeleteTaskDocument,
};
const documents: Documents = {
    "\n  query Home {\n    me { username createdAt ...TaskList }\n    session { id expiresAt }\n  }\n": types.HomeDocument,
    "\n  subscription TasksChanged {\n    tasksChanged\n  }\n": types.TasksChangedDocument,
    "\n  mutation Login($input: LoginInput!) {\n    login(input: $input) {\n      user { id }\n      userErrors { code message field retryAfter }\n    }\n  }\n": types.LoginDocument,
    "\n  mutation Logout {\n    logout { loggedOut }\n  }\n": types.LogoutDocument,
    "\n  mutation Register($input: RegisterInput!) {\n    register(input: $input) {\n      user { id }\n      userErrors { code message field retryAfter }\n    }\n  }\n": types.RegisterDocument,
    "\n  fragment Account on User {\n    id\n    username\n    sessions(first: 20) {\n      nodes { id deviceName clientAddress lastSeenAt current }\n      pageInfo { hasNextPage }\n    }\n    securityEvents(first: 10) {\n      nodes { id kind createdAt clientAddress }\n    }\n  }\n": types.AccountFragmentDoc,
    "\n  query Account {\n    me { ...Account }\n  }\n": types.AccountDocument,
    "\n  mutation ChangePassword($input: ChangePasswordInput!) {\n    changePassword(input: $input) {\n      user { ...Account }\n      userErrors { code message field retryAfter }\n    }\n  }\n": types.ChangePasswordDocument,
    "\n  mutation ChangeUsername($input: ChangeUsernameInput!) {\n    changeUsername(input: $input) {\n      user { ...Account }\n      userErrors { code message field retryAfter }\n    }\n  }\n": types.ChangeUsernameDocument,
    "\n  mutation DeleteUser($input: DeleteUserInput!) {\n    deleteUser(input: $input) {\n      deletedUserId\n      userErrors { code message field retryAfter }\n    }\n  }\n": types.DeleteUserDocument,
    "\n  mutation Reauthenticate($input: ReauthenticateInput!) {\n    reauthenticate(input: $input) {\n      session { id authenticatedAt }\n      userErrors { code message field retryAfter }\n    }\n  }\n": types.ReauthenticateDocument,
    "\n  mutation RevokeSession($input: RevokeSessionInput!) {\n    revokeSession(input: $input) {\n      user { ...Account }\n      userErrors { code message field retryAfter }\n    }\n  }\n": types.RevokeSessionDocument,
    "\n  mutation RevokeOtherSessions {\n    revokeOtherSessions {\n      user { ...Account }\n      userErrors { code message field retryAfter }\n    }\n  }\n": types.RevokeOtherSessionsDocument,
    "\n  query Rules {\n    authSettings { passwordMinLength passwordMaxLength }\n  }\n": types.RulesDocument,
    "\n  query Me {\n    me { id username createdAt }\n    session { id expiresAt }\n  }\n": types.MeDocument,
    "\n  fragment TaskList on User {\n    id\n    tasks { id title done }\n  }\n": types.TaskListFragmentDoc,
    "\n  mutation AddTask($input: AddTaskInput!) {\n    addTask(input: $input) {\n      user { ...TaskList }\n      userErrors { code message field }\n    }\n  }\n": types.AddTaskDocument,
    "\n  mutation SetTaskDone($input: SetTaskDoneInput!) {\n    setTaskDone(input: $input) {\n      task { id done }\n      userErrors { code message field }\n    }\n  }\n": types.SetTaskDoneDocument,
    "\n  mutation DeleteTask($input: DeleteTaskInput!) {\n    deleteTask(input: $input) {\n      user { ...TaskList }\n      userErrors { code message field }\n    }\n  }\n": types.DeleteTaskDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Home {\n    me { username createdAt ...TaskList }\n    session { id expiresAt }\n  }\n"): (typeof documents)["\n  query Home {\n    me { username createdAt ...TaskList }\n    session { id expiresAt }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription TasksChanged {\n    tasksChanged\n  }\n"): (typeof documents)["\n  subscription TasksChanged {\n    tasksChanged\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Login($input: LoginInput!) {\n    login(input: $input) {\n      user { id }\n      userErrors { code message field retryAfter }\n    }\n  }\n"): (typeof documents)["\n  mutation Login($input: LoginInput!) {\n    login(input: $input) {\n      user { id }\n      userErrors { code message field retryAfter }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Logout {\n    logout { loggedOut }\n  }\n"): (typeof documents)["\n  mutation Logout {\n    logout { loggedOut }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Register($input: RegisterInput!) {\n    register(input: $input) {\n      user { id }\n      userErrors { code message field retryAfter }\n    }\n  }\n"): (typeof documents)["\n  mutation Register($input: RegisterInput!) {\n    register(input: $input) {\n      user { id }\n      userErrors { code message field retryAfter }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Account on User {\n    id\n    username\n    sessions(first: 20) {\n      nodes { id deviceName clientAddress lastSeenAt current }\n      pageInfo { hasNextPage }\n    }\n    securityEvents(first: 10) {\n      nodes { id kind createdAt clientAddress }\n    }\n  }\n"): (typeof documents)["\n  fragment Account on User {\n    id\n    username\n    sessions(first: 20) {\n      nodes { id deviceName clientAddress lastSeenAt current }\n      pageInfo { hasNextPage }\n    }\n    securityEvents(first: 10) {\n      nodes { id kind createdAt clientAddress }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Account {\n    me { ...Account }\n  }\n"): (typeof documents)["\n  query Account {\n    me { ...Account }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ChangePassword($input: ChangePasswordInput!) {\n    changePassword(input: $input) {\n      user { ...Account }\n      userErrors { code message field retryAfter }\n    }\n  }\n"): (typeof documents)["\n  mutation ChangePassword($input: ChangePasswordInput!) {\n    changePassword(input: $input) {\n      user { ...Account }\n      userErrors { code message field retryAfter }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ChangeUsername($input: ChangeUsernameInput!) {\n    changeUsername(input: $input) {\n      user { ...Account }\n      userErrors { code message field retryAfter }\n    }\n  }\n"): (typeof documents)["\n  mutation ChangeUsername($input: ChangeUsernameInput!) {\n    changeUsername(input: $input) {\n      user { ...Account }\n      userErrors { code message field retryAfter }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DeleteUser($input: DeleteUserInput!) {\n    deleteUser(input: $input) {\n      deletedUserId\n      userErrors { code message field retryAfter }\n    }\n  }\n"): (typeof documents)["\n  mutation DeleteUser($input: DeleteUserInput!) {\n    deleteUser(input: $input) {\n      deletedUserId\n      userErrors { code message field retryAfter }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Reauthenticate($input: ReauthenticateInput!) {\n    reauthenticate(input: $input) {\n      session { id authenticatedAt }\n      userErrors { code message field retryAfter }\n    }\n  }\n"): (typeof documents)["\n  mutation Reauthenticate($input: ReauthenticateInput!) {\n    reauthenticate(input: $input) {\n      session { id authenticatedAt }\n      userErrors { code message field retryAfter }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RevokeSession($input: RevokeSessionInput!) {\n    revokeSession(input: $input) {\n      user { ...Account }\n      userErrors { code message field retryAfter }\n    }\n  }\n"): (typeof documents)["\n  mutation RevokeSession($input: RevokeSessionInput!) {\n    revokeSession(input: $input) {\n      user { ...Account }\n      userErrors { code message field retryAfter }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RevokeOtherSessions {\n    revokeOtherSessions {\n      user { ...Account }\n      userErrors { code message field retryAfter }\n    }\n  }\n"): (typeof documents)["\n  mutation RevokeOtherSessions {\n    revokeOtherSessions {\n      user { ...Account }\n      userErrors { code message field retryAfter }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Rules {\n    authSettings { passwordMinLength passwordMaxLength }\n  }\n"): (typeof documents)["\n  query Rules {\n    authSettings { passwordMinLength passwordMaxLength }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Me {\n    me { id username createdAt }\n    session { id expiresAt }\n  }\n"): (typeof documents)["\n  query Me {\n    me { id username createdAt }\n    session { id expiresAt }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment TaskList on User {\n    id\n    tasks { id title done }\n  }\n"): (typeof documents)["\n  fragment TaskList on User {\n    id\n    tasks { id title done }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AddTask($input: AddTaskInput!) {\n    addTask(input: $input) {\n      user { ...TaskList }\n      userErrors { code message field }\n    }\n  }\n"): (typeof documents)["\n  mutation AddTask($input: AddTaskInput!) {\n    addTask(input: $input) {\n      user { ...TaskList }\n      userErrors { code message field }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SetTaskDone($input: SetTaskDoneInput!) {\n    setTaskDone(input: $input) {\n      task { id done }\n      userErrors { code message field }\n    }\n  }\n"): (typeof documents)["\n  mutation SetTaskDone($input: SetTaskDoneInput!) {\n    setTaskDone(input: $input) {\n      task { id done }\n      userErrors { code message field }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DeleteTask($input: DeleteTaskInput!) {\n    deleteTask(input: $input) {\n      user { ...TaskList }\n      userErrors { code message field }\n    }\n  }\n"): (typeof documents)["\n  mutation DeleteTask($input: DeleteTaskInput!) {\n    deleteTask(input: $input) {\n      user { ...TaskList }\n      userErrors { code message field }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;