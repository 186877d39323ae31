//! The backend of Golpo AI for Confluence: verifies who calls, keeps API keys, makes videos of
//! scripts, stores and meters them. A library, so that tests start the real service; `main` only
//! reads the command line.
//!
//! Architecture invariant: a request's tenant comes from [`request::Caller`] and from nowhere
//! else, and nothing but [`records::Records`] and [`objects::Objects`] touches what tenants own.

pub mod app;
pub mod audit;
pub mod aws;
pub mod cli;
mod commands;
pub mod config;
pub mod deletion;
pub mod error;
pub mod healthcheck;
pub mod idempotency;
pub mod incidents;
pub mod jobs;
pub mod limits;
pub mod masters;
pub mod objects;
pub mod operator;
pub mod receipts;
pub mod records;
pub mod request;
pub mod router;
pub mod routes;
pub mod serve;
pub mod store;
pub mod telemetry;
pub mod token;
pub mod transport;
pub mod upkeep;
pub mod vault;
