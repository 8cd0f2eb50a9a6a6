//! What the user chose: the repository's config.json over the person's own over built-in defaults, the environment
//! over all. Every value can say where it came from.

pub mod env_vars;
pub mod goals;
pub mod keys;
pub mod layers;
pub mod mem0;
pub mod profiles;
pub mod trust;

pub use layers::Config;
