//! The workflows that come with the program.

/// Each with its name.
const ALL: &[(&str, &str)] = &[
    (
        "plan-review-code-test-deploy",
        include_str!("built_in/plan-review-code-test-deploy.toml"),
    ),
    (
        "parallel-investigation",
        include_str!("built_in/parallel-investigation.toml"),
    ),
];

/// Their names.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|(name, _)| *name)
}

/// The definition of this name.
pub(super) fn text(name: &str) -> Option<&'static str> {
    let (_, text) = ALL.iter().find(|(known, _)| *known == name)?;
    Some(text)
}

#[cfg(test)]
mod tests {
    #[test]
    fn all_are_sound_and_run_nothing() {
        for (name, text) in super::ALL {
            let read = crate::documents::workflow::parse(name, text).expect(name);
            assert!(read.warnings.is_empty() && read.workflow.description.is_some());
            assert!(read.workflow.steps.iter().all(|step| step.check.is_empty()));
        }
    }
}
