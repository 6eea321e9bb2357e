//! The integration tests, one binary: each module says in its first line what belongs in it.

mod corpus;
