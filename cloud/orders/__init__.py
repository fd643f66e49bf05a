"""Every store's orders and refunds, exactly as the stores completed them; nothing here can refuse or change one."""
