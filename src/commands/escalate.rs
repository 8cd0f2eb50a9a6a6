//! stub
pub(crate) fn ask_keyed(_: &crate::project::Project, _: &str, _: &str, _: &str, _: &str, _: Option<u64>) -> crate::error::Result<Option<String>> { Ok(None) }
