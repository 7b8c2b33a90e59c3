SELECT false AS may_use_reserved
