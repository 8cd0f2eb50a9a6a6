//! Whether two patterns may name the same path, judged by the folders that they stand in.

use super::{Glob, WILD, base};

/// Whether a path is another, or lies beneath it.
fn is_beneath(path: &str, top: &str) -> bool {
    match path.strip_prefix(top) {
        Some(rest) => top.is_empty() || rest.is_empty() || rest.starts_with('/'),
        None => false,
    }
}

impl Glob {
    /// Whether some path may match both; never wrongly `false`.
    pub fn may_meet(&self, other: &Glob) -> bool {
        let (ours, theirs) = (base(self.as_str()), base(other.as_str()));
        match (self.is_plain(), other.is_plain()) {
            (false, true) => self.matches(theirs) || is_beneath(ours, theirs),
            (true, false) => other.matches(ours) || is_beneath(theirs, ours),
            _ => is_beneath(ours, theirs) || is_beneath(theirs, ours),
        }
    }

    fn is_plain(&self) -> bool {
        !self.as_str().contains(WILD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_may_meet() {
        for (one, other, meet) in [
            ("src/metrics/**", "src/metrics/api.rs", true),
            ("src/**", "src/metrics/*.rs", true),
            ("src/metrics", "src/metrics/api.rs", true),
            ("**/*.rs", "docs/**", true),
            ("src/metrics/**", "src/dashboard/**", false),
            ("src/metrics", "src/metrics2", false),
            ("src/*.rs", "src/metrics/api.rs", false),
            ("/README.md", "./README.md", true),
            ("README.md", "docs/**", false),
        ] {
            let [one, other] = [one, other].map(|text| Glob::parse(text).expect("a pattern"));
            assert_eq!(one.may_meet(&other), meet, "{one:?} {other:?}");
            assert_eq!(other.may_meet(&one), meet, "{other:?} {one:?}");
        }
    }
}
