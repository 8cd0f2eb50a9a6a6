//! Fields of a JSON object that nobody here knows: kept, in the order they had.

use serde_json::Value;

/// Unknown fields. A list and not a map of hashes: there are hardly ever any, and a heartbeat makes one an agent.
#[derive(Debug, Clone, Default)]
pub struct Unknown(Vec<(String, Value)>);

impl Unknown {
    /// Adds a field; false, and nothing is changed, when it is there already.
    pub fn insert(&mut self, key: String, value: Value) -> bool {
        let new = self.get(&key).is_none();
        if new {
            self.0.push((key, value));
        }
        new
    }

    /// A field's value.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value)
    }

    /// Every field, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&String, &Value)> {
        self.0.iter().map(|(key, value)| (key, value))
    }
}

/// The same fields with the same values, in whatever order.
impl PartialEq for Unknown {
    fn eq(&self, other: &Unknown) -> bool {
        self.0.len() == other.0.len()
            && self
                .iter()
                .all(|(key, value)| other.get(key) == Some(value))
    }
}

impl Extend<(String, Value)> for Unknown {
    fn extend<I: IntoIterator<Item = (String, Value)>>(&mut self, fields: I) {
        for (key, value) in fields {
            self.insert(key, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Unknown;

    #[test]
    fn fields_keep_their_order_and_come_once() {
        let (mut one, mut other) = (Unknown::default(), Unknown::default());
        one.extend([("b".to_owned(), 1.into()), ("a".to_owned(), 2.into())]);
        other.extend([("a".to_owned(), 2.into()), ("b".to_owned(), 1.into())]);
        assert!(!one.insert("a".to_owned(), 3.into()));
        assert_eq!(
            one.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(),
            ["b", "a"]
        );
        assert_eq!(one, other);
        other.insert("c".to_owned(), 4.into());
        assert_ne!(one, other);
    }
}
