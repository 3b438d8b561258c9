//! The sides that an operation needs, and operations that no side may run.

use std::collections::{HashMap, HashSet};

use apollo_compiler::{
    Node,
    ast::{OperationDefinition, OperationType},
};

use super::roots::{FEDERATION_FIELDS, REPEATED_KEY, Router, Side};
use crate::graphql::{CREDENTIAL_FIELDS, guard::GuardError};

/// Returns the sides that an operation needs. Refuses what no side may run.
pub fn sides(
    router: &Router<'_>,
    operation: &Node<OperationDefinition>,
) -> Result<HashSet<Side>, GuardError> {
    let roots = router.all()?;
    let mut by_key: HashMap<&str, Side> = HashMap::new();
    for root in &roots {
        let key = root.field.response_name();
        let location = root.field.location();
        if FEDERATION_FIELDS.contains(&root.field.name.as_str()) {
            return Err(
                GuardError::invalid(format!("\"{}\" is not for clients", root.field.name))
                    .at(location),
            );
        }
        // Our schema has them as mutations alone. Elsewhere they are a mistake, which must not give the upstream a password.
        if root.side == Side::Upstream && CREDENTIAL_FIELDS.contains(&root.field.name.as_str()) {
            let message = format!("\"{}\" is a mutation of Gatelodge", root.field.name);
            return Err(GuardError::invalid(message).at(location));
        }
        match by_key.insert(key, root.side) {
            Some(_) if operation.operation_type == OperationType::Mutation => {
                return Err(GuardError::invalid(REPEATED_KEY).at(location));
            }
            Some(other) if other != root.side => {
                return Err(GuardError::invalid(format!(
                    "Two root fields of different services have the key \"{key}\". Give one of them an alias"
                ))
                .at(location));
            }
            _ => {}
        }
    }
    let sides: HashSet<_> = roots.iter().map(|root| root.side).collect();
    // `__typename` changes nothing, so it may stand beside fields of the other side.
    let others = roots.iter().filter(|root| root.field.name != "__typename");
    let others: HashSet<_> = others.map(|root| root.side).collect();
    if operation.operation_type == OperationType::Mutation && others.len() > 1 {
        let names = |own: bool| {
            let names = roots
                .iter()
                .filter(|root| (root.side != Side::Upstream) == own)
                .map(|root| root.field.name.as_str());
            names.collect::<Vec<_>>().join(", ")
        };
        return Err(GuardError::invalid(format!(
            "A mutation cannot have fields of two services. Gatelodge runs {}, and the service behind it runs {}. Send them in \
             two operations",
            names(true),
            names(false)
        ))
        .at(operation.location()));
    }
    Ok(sides)
}
