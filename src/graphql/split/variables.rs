//! The variable definitions of each part.

use std::collections::HashSet;

use apollo_compiler::Node;
use apollo_parser::TokenKind;

use super::halves::{Half, Splitter};

impl<'a, 'd> Splitter<'a, 'd> {
    /// Drops the variables that a part does not use. A variable that nothing uses stays in the first part, so that its server
    /// refuses it as it would refuse the whole document.
    pub(super) fn keep_variables(&self, halves: &mut [&mut Half<'a, 'd>]) {
        let definitions = &self.operation.variables;
        let (Some(first), Some(last)) = (definitions.first(), definitions.last()) else {
            return;
        };
        let begin = self.source.tokens_of(first.location()).start;
        let end = self.source.tokens_of(last.location()).end;
        let (open, close) = (self.open_before(begin), end);
        let used_in = |is_used: &dyn Fn(usize) -> bool| -> HashSet<&str> {
            (1..self.source.tokens.len())
                .filter(|index| !(begin..end).contains(index) && is_used(*index))
                .filter(|index| self.source.tokens[index - 1].kind == TokenKind::Dollar)
                .map(|index| self.source.token(index))
                .collect()
        };
        let mut used: Vec<_> = halves
            .iter()
            .map(|half| used_in(&|index| half.part.has(index)))
            .collect();
        // What only another operation uses is not used.
        let others: Vec<_> = self
            .definitions
            .operations
            .iter()
            .filter(|other| !Node::ptr_eq(other, self.operation))
            .map(|other| self.source.tokens_of(other.location()))
            .collect();
        let used_anywhere = used_in(&|index| !others.iter().any(|tokens| tokens.contains(&index)));
        for definition in definitions {
            let name = definition.name.as_str();
            if !used_anywhere.contains(name)
                && let Some(first) = used.first_mut()
            {
                first.insert(name);
            }
        }
        for (half, used) in halves.iter_mut().zip(used) {
            half.part.drop(open..close + 1);
            for definition in definitions {
                if used.contains(definition.name.as_str()) {
                    half.part.keep(self.source.tokens_of(definition.location()));
                    half.variables.push(definition.name.to_string());
                }
            }
            if !half.variables.is_empty() {
                half.part.keep(open..open + 1);
                half.part.keep(close..close + 1);
            }
        }
    }

    /// Returns the bracket before the first variable. A description may stand between them.
    fn open_before(&self, begin: usize) -> usize {
        (0..begin)
            .rev()
            .find(|index| self.source.tokens[*index].kind == TokenKind::LParen)
            .unwrap_or(begin)
    }
}
