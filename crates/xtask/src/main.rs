//! Set-up, build, demo and test of the whole project.

fn main() {}
