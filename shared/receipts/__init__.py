"""One receipt document, made once from an order; paper, screens and later letters show the same one."""
