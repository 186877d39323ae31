//! The resolver's logic: one module per use case, scope and admin checks, all effects through Host.
