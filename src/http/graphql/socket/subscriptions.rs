//! The running subscriptions of a socket, by the client's ids and by the ids that the service gets.
//!
//! The service gets ids of ours. A late answer to a subscription that has ended then never reaches a newer one to which the
//! client gave the same id.

use std::collections::HashMap;

/// The running subscriptions of a socket.
#[derive(Default)]
pub struct Subscriptions {
    by_number: HashMap<u64, String>,
    numbers: HashMap<String, u64>,
    next: u64,
}

impl Subscriptions {
    /// Returns how many run.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether none runs.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Whether one with the client's id runs.
    pub fn contains(&self, id: &str) -> bool {
        self.numbers.contains_key(id)
    }

    /// Adds one, and returns its number for the service.
    pub fn add(&mut self, id: String) -> u64 {
        let number = self.next;
        self.next += 1;
        self.by_number.insert(number, id.clone());
        self.numbers.insert(id, number);
        number
    }

    /// Returns the client's id of a number.
    pub fn id(&self, number: u64) -> Option<&str> {
        self.by_number.get(&number).map(String::as_str)
    }

    /// Removes one by its number, and returns the client's id.
    pub fn remove(&mut self, number: u64) -> Option<String> {
        let id = self.by_number.remove(&number)?;
        self.numbers.remove(&id);
        Some(id)
    }

    /// Removes one by the client's id, and returns its number.
    pub fn remove_id(&mut self, id: &str) -> Option<u64> {
        let number = self.numbers.remove(id)?;
        self.by_number.remove(&number);
        Some(number)
    }

    /// Removes all, and returns the client's ids.
    pub fn take_all(&mut self) -> Vec<String> {
        self.by_number.clear();
        self.numbers.drain().map(|(id, _)| id).collect()
    }
}
