//! The service: routes, store, vault, jobs, objects, metering.

fn main() {}
