package acting

// spanish holds the room's texts by the English ones.
var spanish = map[string]string{
	"Act for somebody": "Actuar por alguien",
	"You can no longer act for this person: the permission has ended, or the person is of age and has not said so anew.": "Ya no puede actuar por esta persona: el permiso terminó, o la persona es mayor de edad y no lo ha dicho de nuevo.",
	"Choose whose pages you want to see. What you do there, you do in their name.":                                       "Elija de quién quiere ver las páginas. Lo que haga allí, lo hace en su nombre.",
	"until %s": "hasta el %s", "now": "ahora", "Act for %s": "Actuar por %s",
	"There is nobody for whom you can act. Our team records it, at a center or by telephone.": "No hay nadie por quien pueda actuar. Nuestro equipo lo anota, en un centro o por teléfono.",
	"Back to my own pages": "Volver a mis páginas",
	"Record a proxy":       "Anotar un representante",
	"It is recorded. The proxy finds the person under “Act for somebody” after signing in.":                                "Quedó anotado. Al entrar, el representante encuentra a la persona en «Actuar por alguien».",
	"For a minor, or somebody who cannot decide for themselves. For a minor it ends on the day on which they come of age.": "Para menores, o para quien no puede decidir por sí mismo. Para menores termina el día en que cumplen la mayoría de edad.",
	"Who takes part": "Quién participa", "First name": "Nombre", "Last name": "Apellido", "Birth date": "Fecha de nacimiento", "Where you live": "Dónde vive",
	"Choose a state or territory": "Elija un estado o territorio", "Sex": "Sexo", "Female": "Femenino", "Male": "Masculino", "Another": "Otro", "I would rather not say": "Prefiero no decirlo",
	"Who acts for them": "Quién actúa por esa persona", "Mail address": "Correo electrónico", "Of the proxy’s own account.": "De la cuenta propia del representante.",
	"I have seen who the proxy is, and the paper that says that they may decide for the person": "He visto quién es el representante, y el papel que dice que puede decidir por la persona",
	"Back": "Volver",
	"First make sure that the proxy may act for the person, then tick the box.": "Primero asegúrese de que el representante puede actuar por la persona; luego marque la casilla.",
	"Nobody has an account with this address; the proxy joins first.":           "Nadie tiene una cuenta con esta dirección; primero se inscribe el representante.",
}
