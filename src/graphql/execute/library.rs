//! The executor of async-graphql, and the only way to call it.
//!
//! async-graphql would parse and validate a document again, by rules that differ from the specification. Both steps are
//! switched off: the guard's parse is used. So the executor must never see a document that the guard did not admit. It
//! takes documents only from this file, and refuses a request without one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use apollo_compiler::{ast::OperationType as Kind, parser::SourceSpan};
use async_graphql::{
    Name, Pos, Positioned, Request, Response, ServerError, ServerResult, ValidationResult,
    Variables, async_trait,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextParseQuery, NextValidation},
    parser::types::{
        DocumentOperations, ExecutableDocument, Field, InlineFragment, OperationDefinition,
        OperationType, Selection, SelectionSet, TypeCondition,
    },
};

use super::select::{Fields, Selected, Set};
use crate::graphql::{Schema, context::RequestContext, guard::Lines, request_schema};

/// The key of an object's type name. Clients cannot use it: no name begins with `=` (GraphQL, section 2.2).
pub const TYPE_KEY: &str = "=type";

/// The executor.
pub struct Library(Schema);

impl Library {
    /// Builds the executor of the published schema.
    pub fn new(introspection: bool) -> Self {
        Self(
            request_schema(introspection)
                .extension(OnlySelected)
                .finish(),
        )
    }

    /// Runs selected fields. The positions of errors are byte offsets: see [`locate`].
    pub async fn run(
        &self,
        kind: Kind,
        fields: &Fields<'_>,
        context: Arc<RequestContext>,
    ) -> Response {
        let document = document(kind, fields);
        let selected = SelectedDocument(Mutex::new(Some(document)));
        self.0
            .execute(Request::new("").data(context).data(selected))
            .await
    }
}

/// A document that was built from selected fields. Only this file can build one.
struct SelectedDocument(Mutex<Option<ExecutableDocument>>);

/// Gives the executor the selected document and no other.
struct OnlySelected;

impl ExtensionFactory for OnlySelected {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for OnlySelected {
    async fn parse_query(
        &self,
        ctx: &ExtensionContext<'_>,
        _: &str,
        _: &Variables,
        _: NextParseQuery<'_>,
    ) -> ServerResult<ExecutableDocument> {
        ctx.query_data
            .and_then(|data| data.get(&std::any::TypeId::of::<SelectedDocument>()))
            .and_then(|selected| selected.downcast_ref::<SelectedDocument>())
            .and_then(|selected| {
                let mut document = selected.0.lock().unwrap_or_else(PoisonError::into_inner);
                document.take()
            })
            .ok_or_else(|| ServerError::new("the executor was given no selected document", None))
    }

    async fn validation(
        &self,
        _: &ExtensionContext<'_>,
        _: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        Ok(ValidationResult {
            cache_control: async_graphql::CacheControl::default(),
            complexity: 0,
            depth: 0,
        })
    }
}

fn document(kind: Kind, fields: &Fields<'_>) -> ExecutableDocument {
    let operation = OperationDefinition {
        ty: match kind {
            Kind::Query => OperationType::Query,
            Kind::Mutation => OperationType::Mutation,
            Kind::Subscription => OperationType::Subscription,
        },
        variable_definitions: vec![],
        directives: vec![],
        selection_set: at(selections(fields)),
    };
    ExecutableDocument {
        operations: DocumentOperations::Single(at(operation)),
        fragments: HashMap::new(),
    }
}

fn selections(fields: &Fields<'_>) -> SelectionSet {
    let mut items: Vec<_> = fields
        .iter()
        .map(|selected| at(Selection::Field(field(selected))))
        .collect();
    // The executor returns null for an object without selected fields.
    if items.is_empty() {
        items.push(type_field());
    }
    SelectionSet { items }
}

fn field(selected: &Selected<'_>) -> Positioned<Field> {
    let name = Name::new(&selected.field.name);
    let selection_set = match &selected.set {
        Set::Leaf => SelectionSet::default(),
        Set::Object(fields) => selections(fields),
        Set::Abstract(by_type) => {
            let fragments = by_type.iter().map(|(ty, fields)| {
                let fragment = InlineFragment {
                    type_condition: Some(at(TypeCondition {
                        on: at(Name::new(ty)),
                    })),
                    directives: vec![],
                    selection_set: at(selections(fields)),
                };
                at(Selection::InlineFragment(at(fragment)))
            });
            SelectionSet {
                items: [type_field()].into_iter().chain(fragments).collect(),
            }
        }
    };
    let position = byte_position(selected.field.location());
    // An argument's error is an error of its field, and has the field's position.
    let located = |name: &str, value: &async_graphql::Value| {
        (
            Positioned::new(Name::new(name), position),
            Positioned::new(value.clone().into_value(), position),
        )
    };
    let field = Field {
        alias: (selected.key != &selected.field.name).then(|| at(Name::new(selected.key))),
        name: at(name),
        arguments: selected
            .arguments
            .iter()
            .map(|(name, value)| located(name, value))
            .collect(),
        directives: vec![],
        selection_set: at(selection_set),
    };
    Positioned::new(field, position)
}

fn type_field() -> Positioned<Selection> {
    at(Selection::Field(at(Field {
        alias: Some(at(Name::new(TYPE_KEY))),
        name: at(Name::new("__typename")),
        arguments: vec![],
        directives: vec![],
        selection_set: at(SelectionSet::default()),
    })))
}

/// Returns the position of a node as a byte offset. Lines and columns are counted only for the errors of the response:
/// counting them for every field would take quadratic time.
fn byte_position(location: Option<SourceSpan>) -> Pos {
    Pos {
        line: location.map_or(0, |span| span.offset()),
        column: 0,
    }
}

/// Replaces an error's byte offset by its line and column in the document's text.
pub fn locate(error: &mut ServerError, text: &str) {
    for position in &mut error.locations {
        *position = Lines::of(text).position(position.line);
    }
}

/// Wraps a node without a position.
fn at<T>(node: T) -> Positioned<T> {
    Positioned::new(node, Pos::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_document_that_the_guard_did_not_admit_never_reaches_the_executor() {
        let library = Library::new(true);
        for text in ["{ __typename }", "{ me { id } }", "", "{ nothing }"] {
            let mut request = Request::new(text);
            if let Ok(document) = async_graphql::parser::parse_query(text) {
                request.set_parsed_query(document);
            }
            let response = library.0.execute(request).await;
            assert_eq!(response.data, async_graphql::Value::Null);
            assert_eq!(response.errors.len(), 1, "{text}");
        }
        // A selected document runs once.
        let document = document(Kind::Query, &vec![]);
        let selected = SelectedDocument(Mutex::new(Some(document)));
        let response = library.0.execute(Request::new("").data(selected)).await;
        assert_eq!(response.errors, []);
    }
}
