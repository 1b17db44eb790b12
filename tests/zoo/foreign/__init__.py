"""Networks of the zoo's folders beside the same networks of other packages: parameters, names, values and MACs."""
