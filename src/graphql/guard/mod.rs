//! Bounds an operation before the library sees it.
//!
//! async-graphql checks a document's depth by following every fragment spread anew: a kilobyte of fragments that
//! spread each other costs it seconds. Everything here is linear in the document, whatever it spreads.

use std::collections::HashSet;

use async_graphql::{
    Pos, Variables,
    parser::{
        self,
        types::{
            DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
            ServiceDocument, TypeKind, TypeSystemDefinition,
        },
    },
};

mod input_types;
mod introspection;
mod measure;
mod roots;
mod tokens;
mod variables;

use self::{input_types::InputTypes, introspection::Lists, measure::Measure};
use super::code::ErrorCode;
use crate::config::limits::Limits;

/// Decides which operations run.
pub struct Guard {
    limits: Limits,
    /// How long the schema's own lists are; `None` when it may not be asked about itself.
    lists: Option<Lists>,
    inputs: InputTypes,
    /// The fields that are connections.
    connections: HashSet<String>,
}

/// A request as it came, its parts not yet judged.
pub struct OperationRequest {
    /// The document.
    pub query: String,
    /// Which of its operations to run.
    pub operation_name: Option<String>,
    /// The variables' values.
    pub variables: Variables,
}

/// An operation that may run.
pub struct Admitted {
    /// The document, parsed.
    pub document: ExecutableDocument,
    /// Whether it is a mutation.
    pub mutation: bool,
}

/// Why an operation may not run.
#[derive(Debug)]
pub struct Refusal {
    /// What is wrong, for programs.
    pub code: ErrorCode,
    /// What is wrong, for people. It never repeats a value that the client sent.
    pub message: String,
    /// Where in the document.
    pub position: Option<Pos>,
}

impl Refusal {
    fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            position: None,
        }
    }

    fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::ValidationFailed, message)
    }

    fn too_complex(what: &str, most: usize) -> Self {
        Self::new(
            ErrorCode::OperationTooComplex,
            format!("The operation has too many {what}: at most {most} are allowed"),
        )
    }

    fn at(mut self, position: Pos) -> Self {
        self.position = Some(position);
        self
    }
}

impl Guard {
    /// A guard for the published schema.
    pub fn new(limits: Limits, introspection: bool, sdl: &str) -> Result<Self, parser::Error> {
        let schema = parser::parse_schema(sdl)?;
        Ok(Self {
            limits,
            lists: introspection.then(|| Lists::of(&schema)),
            inputs: InputTypes::of(&schema),
            connections: connections(&schema),
        })
    }

    /// Judges a request, the cheapest question first.
    pub fn admit(&self, request: &OperationRequest) -> Result<Admitted, Refusal> {
        tokens::check(&request.query, self.limits.tokens)?;
        let document = parser::parse_query(&request.query).map_err(|error| syntax(&error))?;
        Measure::check(
            &document,
            &self.limits,
            self.lists.as_ref(),
            &self.connections,
        )?;
        let operation = choose(&document, request.operation_name.as_deref())?;
        let mutation = operation.ty == OperationType::Mutation;
        if mutation {
            roots::check(&document, operation)?;
        }
        variables::check(&self.inputs, operation, &request.variables)?;
        Ok(Admitted { document, mutation })
    }
}

/// The fields of a schema whose types are connections.
fn connections(schema: &ServiceDocument) -> HashSet<String> {
    let mut connections = HashSet::new();
    for definition in &schema.definitions {
        if let TypeSystemDefinition::Type(definition) = definition
            && let TypeKind::Object(object) = &definition.node.kind
        {
            let fields = object.fields.iter().map(|field| &field.node);
            connections.extend(
                fields
                    .filter(|field| {
                        field
                            .ty
                            .node
                            .to_string()
                            .trim_end_matches('!')
                            .ends_with("Connection")
                    })
                    .map(|field| field.name.node.to_string()),
            );
        }
    }
    connections
}

/// The parser's message quotes the document, where a password may stand: only the place is told.
fn syntax(error: &parser::Error) -> Refusal {
    let position = error.positions().next();
    Refusal {
        code: ErrorCode::ParseFailed,
        message: position.map_or_else(
            || "The document holds no operation".to_owned(),
            |at| format!("Syntax error in line {}, column {}", at.line, at.column),
        ),
        position,
    }
}

/// The operation to run (GraphQL, section 6.1).
fn choose<'d>(
    document: &'d ExecutableDocument,
    name: Option<&str>,
) -> Result<&'d OperationDefinition, Refusal> {
    let operation = match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(operation),
        (DocumentOperations::Single(_), Some(_)) => None,
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => {
            operations.values().next()
        }
        (DocumentOperations::Multiple(_), None) => {
            return Err(Refusal::invalid(
                "The document holds several operations: say which by operationName",
            ));
        }
    }
    .ok_or_else(|| Refusal::invalid("The document holds no operation of that name"))?;
    if operation.node.ty == OperationType::Subscription {
        return Err(Refusal::invalid("The schema has no subscriptions").at(operation.pos));
    }
    Ok(&operation.node)
}
