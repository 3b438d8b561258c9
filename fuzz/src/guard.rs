//! The guard, which measures each fragment once, finds what writing all fragments out finds.

use std::{collections::HashSet, sync::LazyLock};

use async_graphql::{
    Variables,
    parser::{
        parse_query,
        types::{ExecutableDocument, OperationType, Selection, SelectionSet},
    },
};
use gatelodge::{
    config::limits::Limits,
    graphql::{
        CREDENTIAL_FIELDS,
        code::ErrorCode,
        guard::{Guard, OperationRequest},
        sdl,
    },
};

/// Selections that are written out, at most: what is larger is left to the benches.
const PATIENCE: usize = 20_000;

/// Limits so low that small documents meet them.
static LIMITS: LazyLock<Limits> = LazyLock::new(|| {
    let config = gatelodge::cli::parse(["gatelodge".into()]).expect("settings");
    Limits {
        tokens: 300,
        depth: 6,
        complexity: 24,
        roots: 8,
        aliases: 6,
        directives: 6,
        spreads: 10,
        ..config.limits
    }
});

/// A guard where the schema is not told, and one where it is.
static GUARDS: LazyLock<[Guard; 2]> = LazyLock::new(|| {
    [false, true].map(|told| Guard::new(LIMITS.clone(), told, &sdl()).expect("the schema"))
});

/// The bytes are a document.
pub fn check(bytes: &[u8]) {
    let Ok(query) = str::from_utf8(bytes) else {
        return;
    };
    for (guard, told) in GUARDS.iter().zip([false, true]) {
        let request = OperationRequest {
            query: query.to_owned(),
            operation_name: None,
            variables: Variables::default(),
        };
        match guard.admit(&request) {
            Ok(admitted) => {
                let Some(naive) = Naive::of(&admitted.document) else {
                    panic!("admitted, and too large to write out: {query}");
                };
                assert!(!naive.endless && !naive.too_much(), "admitted: {query}");
                assert!(told || !naive.about_schema, "told: {query}");
                let (keys_repeat, credentials) = roots(&admitted.document);
                assert!(!keys_repeat && credentials <= 1, "admitted: {query}");
            }
            Err(refusal) => {
                let complex = refusal.code == ErrorCode::OperationTooComplex;
                // Of tokens, brackets and lists of the schema the naive reading knows nothing.
                let known = ["token", "nested", "about the schema"];
                if complex && !known.iter().any(|word| refusal.message.contains(word)) {
                    let document =
                        parse_query(query).expect("it was parsed before it was measured");
                    let naive = Naive::of(&document);
                    assert!(
                        naive.is_none_or(|naive| naive.endless || naive.too_much()),
                        "{}: {query}",
                        refusal.message
                    );
                }
                let roots_refused = ["may not repeat a key", "one of these fields"];
                if roots_refused
                    .iter()
                    .any(|words| refusal.message.contains(words))
                {
                    let document = parse_query(query).expect("it was parsed");
                    let (keys_repeat, credentials) = roots(&document);
                    assert!(
                        keys_repeat || credentials > 1,
                        "{}: {query}",
                        refusal.message
                    );
                }
            }
        }
    }
}

/// What a document asks for at most, in any of its operations and fragments.
#[derive(Default)]
struct Naive {
    most: Counts,
    about_schema: bool,
    /// A fragment spreads itself, or one that is not there.
    endless: bool,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    depth: usize,
    fields: usize,
    roots: usize,
    aliases: usize,
    directives: usize,
    spreads: usize,
}

impl Naive {
    /// `None` when there is too much to write out.
    fn of(document: &ExecutableDocument) -> Option<Self> {
        let mut naive = Self::default();
        let mut patience = PATIENCE;
        for (_, operation) in document.operations.iter() {
            let operation = &operation.node;
            let mut counts = Counts {
                directives: operation.directives.len(),
                ..Counts::default()
            };
            for variable in &operation.variable_definitions {
                counts.directives += variable.node.directives.len();
            }
            naive.set(
                document,
                &operation.selection_set.node,
                (0, 0),
                &mut counts,
                &mut patience,
            );
            naive.note(counts);
        }
        for fragment in document.fragments.values() {
            let mut counts = Counts {
                directives: fragment.node.directives.len(),
                ..Counts::default()
            };
            naive.set(
                document,
                &fragment.node.selection_set.node,
                (0, 0),
                &mut counts,
                &mut patience,
            );
            counts.roots = 0;
            naive.note(counts);
        }
        (patience > 0).then_some(naive)
    }

    fn set(
        &mut self,
        document: &ExecutableDocument,
        set: &SelectionSet,
        (depth, spreads): (usize, usize),
        counts: &mut Counts,
        patience: &mut usize,
    ) {
        // A chain of more spreads than there are fragments comes back to one of them.
        if spreads > document.fragments.len() {
            self.endless = true;
            return;
        }
        for selection in &set.items {
            if *patience == 0 {
                return;
            }
            *patience -= 1;
            match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    counts.fields += 1;
                    counts.roots += usize::from(depth == 0);
                    counts.depth = counts.depth.max(depth + 1);
                    counts.aliases += usize::from(field.alias.is_some());
                    counts.directives += field.directives.len();
                    self.about_schema |= ["__schema", "__type"].contains(&field.name.node.as_str());
                    self.set(
                        document,
                        &field.selection_set.node,
                        (depth + 1, spreads),
                        counts,
                        patience,
                    );
                }
                Selection::InlineFragment(inline) => {
                    counts.directives += inline.node.directives.len();
                    self.set(
                        document,
                        &inline.node.selection_set.node,
                        (depth, spreads),
                        counts,
                        patience,
                    );
                }
                Selection::FragmentSpread(spread) => {
                    counts.spreads += 1;
                    counts.directives += spread.node.directives.len();
                    let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node)
                    else {
                        self.endless = true;
                        continue;
                    };
                    counts.directives += fragment.node.directives.len();
                    self.set(
                        document,
                        &fragment.node.selection_set.node,
                        (depth, spreads + 1),
                        counts,
                        patience,
                    );
                }
            }
        }
    }

    fn note(&mut self, counts: Counts) {
        let most = &mut self.most;
        most.depth = most.depth.max(counts.depth);
        most.fields = most.fields.max(counts.fields);
        most.roots = most.roots.max(counts.roots);
        most.aliases = most.aliases.max(counts.aliases);
        most.directives = most.directives.max(counts.directives);
        most.spreads = most.spreads.max(counts.spreads);
    }

    fn too_much(&self) -> bool {
        let (most, limits) = (&self.most, &*LIMITS);
        most.depth > limits.depth
            || most.fields > limits.complexity
            || most.roots > limits.roots
            || most.aliases > limits.aliases
            || most.directives > limits.directives
            || most.spreads > limits.spreads
    }
}

/// Whether a mutation's root repeats a key, and how many credential fields it has, in the worst of the operations.
fn roots(document: &ExecutableDocument) -> (bool, usize) {
    let (mut keys_repeat, mut credentials) = (false, 0);
    for (_, operation) in document.operations.iter() {
        if operation.node.ty != OperationType::Mutation {
            continue;
        }
        let mut fields = vec![];
        root_fields(document, &operation.node.selection_set.node, &mut fields);
        let mut keys = HashSet::new();
        keys_repeat |= !fields.iter().all(|(key, _)| keys.insert(*key));
        let of_this = fields
            .iter()
            .filter(|(_, name)| CREDENTIAL_FIELDS.contains(name));
        credentials = credentials.max(of_this.count());
    }
    (keys_repeat, credentials)
}

/// The keys and names of the root's fields, all fragments written out; the document is known to end.
fn root_fields<'d>(
    document: &'d ExecutableDocument,
    set: &'d SelectionSet,
    fields: &mut Vec<(&'d str, &'d str)>,
) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => {
                let field = &field.node;
                fields.push((field.response_key().node.as_str(), field.name.node.as_str()));
            }
            Selection::InlineFragment(inline) => {
                root_fields(document, &inline.node.selection_set.node, fields);
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    root_fields(document, &fragment.node.selection_set.node, fields);
                }
            }
        }
    }
}
